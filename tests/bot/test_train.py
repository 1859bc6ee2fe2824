"""The model is trained when something changed, and only then."""

import json
from pathlib import Path

from tests.bot.conftest import ROOT, RasaSide

DIGEST = (
    "import sys, pathlib; from bot.train import digest; print(digest(pathlib.Path(sys.argv[1])))"
)


def _copied(tmp_path: Path) -> Path:
    for name in ("config.yml", "bot/domain.yml", "bot/data/rules.yml", "bot/whole_sentence.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def test_nothing_is_trained_twice(rasa: RasaSide, model: Path) -> None:
    before = (model / "model.tar.gz").stat().st_mtime_ns
    done = rasa.run("-m", "bot.train", "--output", str(model))
    assert done.returncode == 0
    assert "无需训练" in done.stdout
    assert (model / "model.tar.gz").stat().st_mtime_ns == before
    assert not list(model.glob(".training-*"))


def test_every_source_changes_the_digest(rasa: RasaSide, tmp_path: Path) -> None:
    root = _copied(tmp_path)
    digests = [rasa.run("-c", DIGEST, str(root)).stdout]
    for path in (root / "config.yml", root / "bot/data/rules.yml", root / "bot/whole_sentence.py"):
        path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        digests.append(rasa.run("-c", DIGEST, str(root)).stdout)
    assert len({digest.strip() for digest in digests}) == 4
    assert all(len(digest.strip()) == 64 for digest in digests)


def test_bad_data_is_explained_and_the_old_model_stays(rasa: RasaSide, tmp_path: Path) -> None:
    root = _copied(tmp_path / "project")
    (root / "config.yml").write_text("recipe: default.v1\nlanguage: [", encoding="utf-8")
    output = tmp_path / "models"
    output.mkdir()
    (output / "model.tar.gz").write_bytes(b"the old one")
    code = (
        "import sys, pathlib, bot.train as train; "
        f"train.ROOT = pathlib.Path({str(root)!r}); "
        f"train.main(['--output', {str(output)!r}])"
    )
    done = rasa.run("-c", code)
    assert done.returncode == 1
    assert "训练失败" in done.stderr
    assert (output / "model.tar.gz").read_bytes() == b"the old one"
    assert [path.name for path in output.iterdir()] == ["model.tar.gz"]


def test_a_model_without_its_digest_is_trained_again(rasa: RasaSide, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"of unknown origin")
    code = (
        "import json, pathlib, sys; from bot.train import digest, is_current; "
        "print(json.dumps(is_current(pathlib.Path(sys.argv[1]), digest())))"
    )
    assert json.loads(rasa.run("-c", code, str(tmp_path)).stdout) is False
