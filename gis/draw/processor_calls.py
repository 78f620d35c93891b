"""What the processor can do and numba cannot be told in Python: eight pixels at a time, a number that threads share.

Left to itself the compiler asks before every row of pixels whether the arrays overlap and does what is left of eight
pixels one by one; most rows of a map at a small scale are shorter than that.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["cover_eight", "lay_four", "taken"]

_WHOLE, _REAL, _DOUBLE = ir.IntType(32), ir.FloatType(), ir.DoubleType()
_WHOLES, _REALS = ir.VectorType(_WHOLE, 8), ir.VectorType(_REAL, 8)


def _all(value: int, lanes: int = 8) -> Any:
    return ir.Constant(ir.VectorType(_WHOLE, lanes), [value] * lanes)


def _reals(value: float) -> Any:
    return ir.Constant(_REALS, [value] * 8)


def _spread(builder: Any, value: Any, lanes: int) -> Any:
    kind = ir.VectorType(value.type, lanes)
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(_WHOLE, 0))
    return builder.shuffle_vector(first, nothing, _all(0, lanes))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """The address of an element, counted through the whole array."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def _cover_eight(
    _context: Any, image: Any, pixel: Any, sums: Any, at: Any, totals: Any, place: Any,
    opaque: Any, even: Any, odd: Any,
) -> Any:  # fmt: skip
    """As ``cover_one`` of ``gis.draw.cover_kernels``, to eight pixels side by side, by the same arithmetic."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def address(array: int, index: int, kind: Any) -> Any:
            found = _pointer(context, builder, signature.args[array], values[array], values[index])
            return builder.bitcast(found, kind.as_pointer())

        pixels, added, running = address(0, 1, _WHOLES), address(2, 3, _REALS), address(4, 5, _REALS)
        total = builder.fadd(builder.load(running, align=4), builder.load(added, align=4))
        builder.store(total, running, align=4)
        builder.store(_reals(0.0), added, align=4)
        size = builder.bitcast(builder.and_(builder.bitcast(total, _WHOLES), _all(0x7FFFFFFF)), _REALS)
        cover = builder.select(builder.fcmp_ordered("<", size, _reals(1.0)), size, _reals(1.0))
        shade = builder.fadd(builder.fmul(cover, _spread(builder, values[6], 8)), _reals(0.5))
        alpha = builder.fptosi(shade, _WHOLES)
        weight = builder.add(alpha, builder.lshr(alpha, _all(7)))
        rest = builder.sub(_all(256), weight)
        below = builder.load(pixels, align=4)
        low, high = _all(0x00FF00FF), _all(0xFF00FF00)

        def mixed(under: Any, over: Any) -> tuple[Any, Any]:
            return builder.mul(builder.and_(under, low), rest), builder.mul(over, weight)

        one, two = mixed(below, _spread(builder, values[7], 8))
        evens = builder.add(
            builder.and_(builder.lshr(one, _all(8)), low), builder.and_(builder.lshr(two, _all(8)), low)
        )
        one, two = mixed(builder.lshr(below, _all(8)), _spread(builder, values[8], 8))
        odds = builder.add(builder.and_(one, high), builder.and_(two, high))
        found = builder.add(builder.or_(evens, odds), builder.shl(alpha, _all(24)))
        builder.store(found, pixels, align=4)
        return context.get_dummy_value()

    return types.void(image, pixel, sums, at, totals, place, opaque, even, odd), generate


def _lay_four(
    _context: Any, image: Any, pixel: Any, side: Any, upper: Any, lower: Any, colour: Any, share: Any
) -> Any:
    """As ``lay_four`` of ``gis.draw.line_kernels``, all four at a time."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, pixel, side, upper, lower, colour, share = values
        lanes = [ir.Constant(_WHOLE, lane) for lane in range(4)]
        places = [builder.add(pixel, builder.mul(side, ir.Constant(side.type, lane))) for lane in range(4)]
        pixels = [_pointer(context, builder, signature.args[0], values[0], place) for place in places]
        below: Any = ir.Constant(ir.VectorType(_WHOLE, 4), ir.Undefined)
        for lane, place in zip(lanes, pixels, strict=True):
            below = builder.insert_element(below, builder.load(place), lane)
        doubles = ir.VectorType(_DOUBLE, 4)

        def number(value: float) -> Any:
            return ir.Constant(doubles, [value] * 4)

        def lesser(one: Any, two: Any) -> Any:
            return builder.select(builder.fcmp_ordered("<", one, two), one, two)

        def greater(one: Any, two: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", one, two), one, two)

        whole = builder.sitofp(builder.fptosi(upper, _WHOLE), _DOUBLE)
        begin = builder.fadd(_spread(builder, whole, 4), ir.Constant(doubles, [0.0, 1.0, 2.0, 3.0]))
        end = lesser(_spread(builder, lower, 4), builder.fadd(begin, number(1.0)))
        cover = greater(builder.fsub(end, greater(_spread(builder, upper, 4), begin)), number(0.0))
        share = builder.fmul(cover, _spread(builder, share, 4))
        steps = builder.fptosi(builder.fmul(share, number(256.0)), ir.VectorType(_WHOLE, 4))
        colour = builder.trunc(colour, _WHOLE)
        opaque = builder.lshr(colour, ir.Constant(_WHOLE, 24))
        alpha = builder.lshr(builder.mul(_spread(builder, opaque, 4), steps), _all(8, 4))
        weight = builder.add(alpha, builder.lshr(alpha, _all(7, 4)))
        rest = builder.sub(_all(256, 4), weight)

        def mixed(mask: int) -> Any:
            over = builder.mul(_spread(builder, builder.and_(colour, ir.Constant(_WHOLE, mask)), 4), weight)
            under = builder.mul(builder.and_(below, _all(mask, 4)), rest)
            both = builder.add(builder.lshr(under, _all(8, 4)), builder.lshr(over, _all(8, 4)))
            return builder.and_(both, _all(mask, 4))

        kept = builder.lshr(builder.mul(builder.lshr(below, _all(24, 4)), rest), _all(8, 4))
        top = builder.shl(builder.add(kept, alpha), _all(24, 4))
        found = builder.or_(builder.or_(top, mixed(0xFF00FF)), mixed(0x00FF00))
        for lane, place in zip(lanes, pixels, strict=True):
            builder.store(builder.extract_element(found, lane), place)
        return context.get_dummy_value()

    return types.void(image, pixel, side, upper, lower, colour, share), generate


def _taken(_context: Any, counter: Any) -> Any:
    """Raise a counter (int64, one) by one and return what it was, as if no other thread did anything meanwhile."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(counter), generate


cover_eight: Any = intrinsic(_cover_eight)
lay_four: Any = intrinsic(_lay_four)
taken: Any = intrinsic(_taken)
