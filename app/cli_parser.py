"""The command line's words: commands, options and their help, in the language in use."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from gis.text import LANGUAGES, mark, tr
from layers.park import UTILITIES
from layers.registry import TABLES

__all__ = ["WRONG_USE", "WrongUseError", "build_parser"]

WRONG_USE = 3

# argparse's own sentences, as patterns, and what is said instead.
_SENTENCES = (
    (r"the following arguments are required: (.*)", mark("缺少参数：{0}")),
    (r"unrecognized arguments: (.*)", mark("不认识的参数：{0}")),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", mark("参数 {0} 不能是 {1}，可用：{2}")),
    (r"argument (.*?): expected (?:one|at least one|\d+) arguments?", mark("参数 {0} 后面缺少值")),
    (r"argument (.*?): not allowed with argument (.*)", mark("参数 {0} 不能与 {1} 同时使用")),
    (r"argument (.*?): invalid \w+ value: (.*)", mark("参数 {0} 的值 {1} 无效")),
    (r"argument (.*?): (.*)", mark("参数 {0}：{1}")),
)


class WrongUseError(Exception):
    """The command line can't be understood; what is wrong has been said."""


class _Parser(argparse.ArgumentParser):
    """argparse with translated headings and errors, which end in exit code 3."""

    def __init__(self, **options: object) -> None:
        super().__init__(add_help=False, **options)  # type: ignore[arg-type]  # passed on as given
        self._positionals.title = tr("参数")
        self._optionals.title = tr("选项")
        self.add_argument("-h", "--help", action="help", help=tr("显示帮助"))

    def error(self, message: str) -> NoReturn:
        for pattern, sentence in _SENTENCES:
            if found := re.fullmatch(pattern, message):
                message = tr(sentence).format(*found.groups())
                break
        sys.stderr.write(tr("用法错误：{text}", text=message) + "\n")
        sys.stderr.write(tr("查看帮助：{command} --help", command=self.prog) + "\n")
        raise WrongUseError

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", tr("用法：") + " ", 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", tr("用法：") + " ", 1)


def day(text: str) -> dt.date:
    """A calendar day as typed on the command line."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("日期应写作 2024-06-30，而不是 {text}", text=text)) from None


def epsg(text: str) -> int:
    """``EPSG:4545`` or ``4545``."""
    found = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", text.strip(), flags=re.IGNORECASE)
    if found is None:
        raise argparse.ArgumentTypeError(tr("坐标系应写作 EPSG:4545，而不是 {text}", text=text))
    return int(found[1])


def encoding(text: str) -> str:
    """A text encoding Python knows: utf-8, gbk, gb18030 …"""
    try:
        "".encode(text)
    except (LookupError, ValueError):
        raise argparse.ArgumentTypeError(
            tr("没有名为 {text} 的编码，常用 utf-8、gb18030、gbk", text=text)
        ) from None
    return text


def count(text: str) -> int:
    """A number of things, at least one."""
    if not text.isdecimal() or not text.isascii() or int(text) < 1:
        raise argparse.ArgumentTypeError(tr("应为正整数，而不是 {text}", text=text))
    return int(text)


def seed(text: str) -> int:
    """A whole number from zero up."""
    if not text.isdecimal() or not text.isascii():
        raise argparse.ArgumentTypeError(tr("应为非负整数，而不是 {text}", text=text))
    return int(text)


def year(text: str) -> int:
    """A calendar year."""
    if re.fullmatch(r"(19|20|21)\d\d", text) is None:
        raise argparse.ArgumentTypeError(tr("年度应写作 2024，而不是 {text}", text=text))
    return int(text)


def amount(text: str) -> float:
    """A number above zero: an area, a height."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(tr("应为大于零的数，而不是 {text}", text=text))
    return value


def scale(text: str) -> int:
    """``500`` or ``1:500``."""
    return count(text.removeprefix("1:"))


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; the chosen command is in ``command``."""
    parser = _Parser(
        prog="ParkLine" if getattr(sys, "frozen", False) else "python3 start.py",
        description=tr(
            "ParkLine 工业用地与园区管理系统。不带命令时打开窗口；给出一个 .gpkg 文件则打开该项目。"
        ),
        epilog=tr(
            "退出码：check 与 whatif 为 0 全部达标、1 有未达标、2 未能判定；其他命令 0 成功；3 用法错误或输入无法读取；4 程序内部错误；130 被中断。"
        ),
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=LANGUAGES, help=tr("语言"))
    common.add_argument("--json", action="store_true", help=tr("结果以 JSON 写到标准输出"))
    parser.add_argument("--lang", choices=LANGUAGES, help=tr("语言"))
    commands = parser.add_subparsers(dest="command", title=tr("命令"), metavar="COMMAND", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[common],  # type: ignore[list-item]  # any parser will do
        )
        made.add_argument("project", type=Path, metavar="P.gpkg", help=tr("项目文件"))
        return made

    _demo(command("demo", tr("生成示例项目")))
    _new(command("new", tr("新建项目：安康，或任何城市")))
    _import(command("import", tr("把一个文件导入某个图层")))
    command("info", tr("显示项目内容"))
    _check(command("check", tr("按政策检查，给出各单元结论")))
    _compare(command("compare", tr("比较两个规划快照，找出区块线内被改用途的工业用地")))
    _whatif(command("whatif", tr("情景推演：现状与各情景的检查结果并列")))
    _print(command("print", tr("打印一个地块的图，真实比例尺 PDF")))
    _export(command("export", tr("把一个图层导出为文件")))
    _match(command("match", tr("盘活调剂：为厂房或用地需求在全市匹配，排序并说明理由")))
    return parser


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parcels", type=count, default=3000, metavar="N", help=tr("地块数（默认 3000）"))
    parser.add_argument(
        "--seed", type=seed, default=1, metavar="S", help=tr("随机种子：同一种子得到同样的内容")
    )


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", type=Path, metavar="FILE", help=tr("政策文件（TOML），默认安康 2024"))
    parser.add_argument(
        "--units", type=Path, metavar="FILE", help=tr("管理单元面图层文件；不给则为安康十二单元")
    )
    parser.add_argument("--units-layer", metavar="L", help=tr("单元文件中的图层"))
    parser.add_argument("--unit-code", metavar="F", help=tr("单元代码所在列"))
    parser.add_argument("--unit-name", metavar="F", help=tr("单元名称所在列"))
    parser.add_argument(
        "--units-crs", type=epsg, metavar="EPSG:n", help=tr("单元文件的坐标系，文件未声明时用")
    )
    parser.add_argument("--crs", type=epsg, metavar="EPSG:n", help=tr("项目平面坐标系；不给则由单元数据选定"))
    parser.add_argument("--codes", type=Path, metavar="CSV", help=tr("用地代码表：code,name,class 列"))
    parser.add_argument("--name", metavar="N", help=tr("项目名称"))


def _import(parser: argparse.ArgumentParser) -> None:
    names = [spec.name for spec in TABLES]
    parser.add_argument(
        "layer", choices=names, metavar="LAYER", help=tr("图层：{names}", names=" ".join(names))
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=tr("要导入的文件"))
    parser.add_argument("--source-layer", metavar="L", help=tr("文件中的图层或工作表"))
    parser.add_argument(
        "--map", action="append", default=[], metavar="field=column", dest="mapping",
        help=tr("字段对应：字段=列，字段=列[单位]，字段==常数；可重复"),
    )  # fmt: skip
    parser.add_argument("--crs", type=epsg, metavar="EPSG:n", help=tr("文件的坐标系"))
    parser.add_argument("--encoding", type=encoding, metavar="E", help=tr("文件的编码"))
    parser.add_argument("--snapshot", metavar="NAME", help=tr("规划快照名称（规划用地）"))
    parser.add_argument("--date", type=day, metavar="D", help=tr("规划快照日期"))
    parser.add_argument(
        "--refused", type=Path, metavar="F.xlsx", help=tr("未导入的行写到此文件；默认在项目文件旁")
    )
    parser.add_argument("--dry-run", action="store_true", help=tr("只试一遍，不写入"))


def _check(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help=tr("做政策要求的全部检查（默认）"))
    which.add_argument("--only", nargs="+", metavar="ID", help=tr("只做这些检查"))
    parser.add_argument("--as-of", type=day, metavar="D", help=tr("时点，默认今天（示例项目为其基准日）"))
    parser.add_argument(
        "--as-known", action="store_true", help=tr("只用该时点已入库的数据，不含之后补录或修改的")
    )
    parser.add_argument("--year", type=year, metavar="Y", help=tr("年度，默认时点所在年"))
    parser.add_argument("--xlsx", type=Path, metavar="F", help=tr("检查报告写到此工作簿"))


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="SNAPSHOT", help=tr("较早的规划快照"))
    parser.add_argument("after", metavar="SNAPSHOT", help=tr("较晚的规划快照"))
    parser.add_argument("--out", type=Path, metavar="F.gpkg", help=tr("图斑写到此文件"))
    parser.add_argument("--wkt", action="store_true", help=tr("JSON 中附图斑坐标（WKT）"))


def _whatif(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario", nargs="+", metavar="NAME", help=tr("只比较这些情景；不给则全部"),
    )  # fmt: skip
    parser.add_argument("--all", action="store_true", help=tr("列出各单元，不只全市与有变化的"))
    parser.add_argument("--as-of", type=day, metavar="D", help=tr("时点，默认今天（示例项目为其基准日）"))
    parser.add_argument("--year", type=year, metavar="Y", help=tr("年度，默认时点所在年"))
    parser.add_argument("--xlsx", type=Path, metavar="F", help=tr("比较表写到此工作簿"))


def _print(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("parcel", metavar="PARCEL", help=tr("地块编号"))
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="F.pdf", help=tr("输出文件"))
    parser.add_argument("--scale", type=scale, metavar="500", help=tr("比例尺分母；不给则选能放下的最大比例"))
    parser.add_argument("--paper", choices=("A4", "A3"), default="A4", help=tr("纸张"))
    parser.add_argument(
        "--orientation", choices=("auto", "portrait", "landscape"), default="auto",
        help=tr("方向：auto 为纵向，除非横向能用更大的比例"),
    )  # fmt: skip
    parser.add_argument("--as-of", type=day, metavar="D", help=tr("区块线与厂房按此日，默认今天"))


def _export(parser: argparse.ArgumentParser) -> None:
    names = [spec.name for spec in TABLES]
    parser.add_argument(
        "layer", choices=names, metavar="LAYER", help=tr("图层：{names}", names=" ".join(names))
    )
    parser.add_argument("file", type=Path, metavar="F", help=tr("输出：.gpkg .geojson .shp .fgb .csv .xlsx"))
    parser.add_argument("--snapshot", metavar="NAME", help=tr("只导出这个规划快照"))
    parser.add_argument("--crs", type=epsg, metavar="EPSG:n", help=tr("输出坐标系，默认项目坐标系"))


def _match(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind", choices=("floor", "site"), metavar="floor|site", help=tr("floor 为标准化厂房，site 为用地")
    )
    parser.add_argument("--area", type=amount, default=0.0, metavar="M2", help=tr("需要的面积（㎡）"))
    parser.add_argument("--unit", metavar="U", help=tr("希望所在的单元：代码或名称；其他单元也会列出"))
    parser.add_argument("--from", type=day, dest="from_day", metavar="D", help=tr("从哪一天起，默认项目时点"))
    parser.add_argument("--height", type=amount, default=0.0, metavar="M", help=tr("厂房净高（米）"))
    parser.add_argument("--load", type=amount, default=0.0, metavar="KN", help=tr("厂房楼面荷载（kN/㎡）"))
    parser.add_argument(
        "--use", metavar="CLASS", help=tr("用地类别，如 {names}", names="industrial logistics")
    )
    parser.add_argument(
        "--utilities",
        nargs="+",
        choices=UTILITIES,
        default=[],
        metavar="X",
        help=tr("园区须已通：{names}", names=" ".join(UTILITIES)),
    )
    parser.add_argument("--road", type=amount, default=0.0, metavar="M", help=tr("距规划道路不超过（米）"))
    parser.add_argument(
        "--most", type=count, default=20, metavar="N", help=tr("最多列出几个（默认 20）；--json 列出全部")
    )


def wanted_language(arguments: Sequence[str]) -> str | None:
    """The value of ``--lang``, looked for before the parser is built in that language."""
    for number, text in enumerate(arguments):
        if text.startswith("--lang="):
            return text.removeprefix("--lang=")
        if text == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
    return None
