"""From the desk's feedback to a training set: `make dataset`, `python -m support.dataset --check FOLDER`.

verdicts (answer_marks) -> cases -> masking (support.personal) -> rows -> folder
"""

from support.dataset.cases import Origin
from support.dataset.check import problems
from support.dataset.export import Export, Report
from support.dataset.folder import Folder, FolderError

__all__ = ["Export", "Folder", "FolderError", "Origin", "Report", "problems"]
