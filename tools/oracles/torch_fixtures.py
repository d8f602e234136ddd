"""What every program that writes files of PyTorch for tests writes beside them."""

import torch
from fixture_json import float32, write_json


def write_expected(folder, name, found, **facts):
    """NAME.expected.json: facts about the net, and what `torch_expectations.explain` has found."""
    computed = {key: float32(found[key]) for key in ("logits", "activation", "gradient")}
    write_json(folder / f"{name}.expected.json", {**facts, "best": found["best"], **computed})


def write_provenance(folder, program, libraries):
    """Lists the files with their sizes, and says in PROVENANCE.md which program has written them."""
    for file in sorted(folder.glob("*")):
        print(f"{file.stat().st_size:8} {file.name}")
    (folder / "PROVENANCE.md").write_text(
        "# Where these files come from\n\n"
        f"`tools/oracles/{program}` writes them with {libraries} of the versions\n"
        f"in its first lines (torch {torch.__version__}). The weights are random and seeded.\n"
    )
