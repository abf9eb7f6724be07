"""Trains the dialogue model when what it is made from changed: `python -m tools.train [--force]`.

Models are kept in `models/`, see `support.training.model_files`. A model that was made from these very files
before is brought into use again without training.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from support.settings import Settings, read_settings
from support.training.model_files import ModelFolder
from support.training.project import Project, rasa_environment
from tools.environments import Trouble
from tools.progress import step


def project_of(settings: Settings) -> Project:
    """The dialogue that these settings name."""
    return Project(settings.dialogue, settings.models)


def is_current(project: Project) -> bool:
    """Whether the model in use was made from, or chosen by somebody for, the files as they are."""
    active = ModelFolder(project.models_folder).active()
    return active is not None and active.data == project.fingerprint()


async def train(project: Project, *, force: bool = False) -> None:
    """Bring a model of the files as they are into use, or Trouble with what Rasa said."""
    folder, before = ModelFolder(project.models_folder), project.fingerprint()
    made = None if force else folder.of_data(before)
    if made:
        folder.activate(made.name, before)
        return
    with folder.scratch() as scratch:
        command = project.train_command(scratch, "model", in_a_hurry=True)
        await step("training the dialogue model", command, rasa_environment())
        # Files that were edited meanwhile are trained again next time.
        fingerprint = before if project.fingerprint() == before else ""
        name = folder.keep(scratch / "model.tar.gz", fingerprint)
    folder.activate(name, fingerprint)
    folder.prune()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even when nothing changed")
    forced, chosen = parser.parse_args().force, project_of(read_settings())
    if is_current(chosen) and not forced:
        print("the dialogue model is up to date")
    else:
        try:
            asyncio.run(train(chosen, force=forced))
        except Trouble as trouble:
            sys.exit(str(trouble))
