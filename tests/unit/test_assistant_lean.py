"""Rasa serves without TensorFlow (`assistant.lean`), and has it where something asks for it."""

from __future__ import annotations

import subprocess

from tools.environments import ROOT, python_of


def _in_rasas_python(program: str) -> str:
    done = subprocess.run(
        [str(python_of("rasa")), "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


_SERVER = "from assistant import lean; lean.install(); import sys, rasa.core.run, rasa.server; "


def test_rasas_server_is_imported_without_tensorflow() -> None:
    assert _in_rasas_python(_SERVER + "print('tensorflow' in sys.modules)") == "False"


def test_what_a_models_description_mentions_is_found_without_tensorflow() -> None:
    named = "rasa.graph_components.validators.default_recipe_validator.DefaultV1RecipeValidator"
    program = "from rasa.shared.utils.common import class_from_module_path as found; "
    told = f"print(found('{named}').__name__, 'tensorflow' in sys.modules)"
    assert _in_rasas_python(_SERVER + program + told) == "DefaultV1RecipeValidator False"
    own = f"import sys; {program}print(found('{named}').__name__)"
    assert _in_rasas_python(own) == "DefaultV1RecipeValidator", "Rasa has it under another name by now"


def test_the_helpers_that_were_left_out_are_there_when_something_uses_them() -> None:
    used = "print(rasa.utils.train_utils.check_deprecated_options({'a': 1}), 'tensorflow' in sys.modules)"
    assert _in_rasas_python(_SERVER + used) == "{'a': 1} True"


def test_a_component_that_needs_tensorflow_gets_it() -> None:
    used = "from rasa.nlu.classifiers.diet_classifier import DIETClassifier as D; print(D.__name__)"
    assert _in_rasas_python(_SERVER + used) == "DIETClassifier"
