"""The policy of the project: what it demands, written to a file to be changed, and read from one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QVBoxLayout, QWidget

from app import theme
from app.panels.frame_model import Cell, ListModel
from app.panels.widgets import fit_columns, label, table
from app.session import Session
from gis.text import tr
from layers.indicator_matrix import demand_text
from layers.policy_titles import scope_word, target_title

if TYPE_CHECKING:
    from gis.progress import Progress
    from layers.policy import Policy
    from layers.project import Project

__all__ = ["PolicyDialog"]


class PolicyDialog(QDialog):
    """Lists the demands. Another policy is checked before it takes the place of this one, which undo brings back."""

    def __init__(self, session: Session, policy: Policy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(tr("政策文件"))
        self.resize(820, 480)
        self.head = label("", wrap=True)
        self.print_of = label("", "muted", wrap=True)
        self.problem = label("", wrap=True)
        self.problem.setStyleSheet(f"color: {theme.current().bad};")
        self.problem.hide()
        self.model = ListModel([tr("指标"), tr("要求"), tr("范围"), tr("条款"), tr("原文")])
        self.view = table(self.model, sortable=False)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setStretchLastSection(True)
        about = tr(
            "改动门槛或参数：先“导出政策文件”，用文本编辑器修改后“载入”。有错时会指出行和键，原政策不变；"
            "载入后按新政策重新检查，可以撤销。"
        )
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("关闭"))
        save = self.buttons.addButton(tr("导出政策文件…"), QDialogButtonBox.ButtonRole.ActionRole)
        load = self.buttons.addButton(tr("载入…"), QDialogButtonBox.ButtonRole.ActionRole)
        save.clicked.connect(self._ask_target)
        load.clicked.connect(self._ask_source)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.head, self.print_of):
            layout.addWidget(widget)
        layout.addWidget(self.view, 1)
        layout.addWidget(label(about, "muted", wrap=True))
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.show_policy(policy)

    def show_policy(self, policy: Policy) -> None:
        """List what a policy demands."""
        self.policy = policy
        self.head.setText(f"{policy.title} · {policy.version} · {policy.id}")
        self.print_of.setText(f"SHA-256 {policy.sha256}")
        self.model.fill(
            [
                (
                    [
                        Cell(target_title(target.id)),
                        Cell(demand_text(target)),
                        Cell(scope_word(target.scope)),
                        Cell(target.clause),
                        Cell(target.quotation),
                    ],
                    target,
                )
                for target in policy.targets
            ]
        )
        fit_columns(self.view, most=260)
        self.view.horizontalHeader().setStretchLastSection(True)

    def _ask_target(self) -> None:
        start = str(Path(self._session.settings.folder) / f"{self.policy.id}.toml")
        path, _ = QFileDialog.getSaveFileName(self, tr("导出政策文件"), start, tr("政策文件 (*.toml)"))
        if path:
            self.write_to(Path(path))

    def write_to(self, target: Path) -> None:
        """Write the policy as it is kept in the project."""
        text = self.policy.text

        def work(_project: Project, _progress: Progress) -> None:
            from layers.output_files import write_whole

            write_whole(target, lambda part: part.write_text(text, encoding="utf-8"))

        self._session.read(
            work, lambda _: None, title=tr("导出政策文件"), owner=self, failed=self._refused, writes=True
        )

    def _ask_source(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("载入政策文件"), self._session.settings.folder, tr("政策文件 (*.toml)")
        )
        if path:
            self.load(Path(path))

    def load(self, source: Path) -> None:
        """Read another policy; a faulty one leaves everything as it is."""
        self.problem.hide()

        def work(project: Project, _progress: Progress) -> Policy:
            from layers.policy import load_policy

            policy = load_policy(source)
            project.set_policy(policy)
            return policy

        self._session.write(
            work, self.show_policy, title=tr("载入政策文件"), failed=self._refused, owner=self
        )

    def _refused(self, error: Exception) -> None:
        self.problem.setText(str(error))
        self.problem.show()
