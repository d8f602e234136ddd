"""Measures the nets of the zoo, each in a process of its own, and goes on where it was stopped.

    python tools/zoo/run_zoo.py FOLDER [--exporter torchscript|dynamo] [--workers 1] [--wasm] [--again] [NET ..]

Needs the packages of `measure_net.py` and a build (`npm run build`). `--wasm` runs small nets on tfjs wasm too.
`--again` measures nets that have a result.
"""

import argparse
import json
import multiprocessing
import time
import traceback
from pathlib import Path

from measure_net import EXPORTERS, measure_net
from nets import NETS

import onnxscript  # noqa: F401
import timm  # noqa: F401
import transformers  # noqa: F401

# A process is a copy of this one, which has imported all packages: that takes longer than many a net.
COPIES = multiprocessing.get_context("fork")
SECONDS = 3600


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--exporter", choices=EXPORTERS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--wasm", action="store_true")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_intermixed_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    waiting = [
        (net, exporter)
        for exporter in ([options.exporter] if options.exporter else EXPORTERS)
        for net in options.nets or NETS
        if options.again or not result_of(options.folder, net, exporter).exists()
    ]
    running = {}
    while waiting or running:
        while waiting and len(running) < options.workers:
            job = waiting.pop(0)
            process = COPIES.Process(target=measure, args=(*job, options.folder, options.wasm))
            process.start()
            running[job] = (process, time.monotonic())
        for job, (process, start) in list(running.items()):
            seconds = time.monotonic() - start
            if process.is_alive() and seconds < SECONDS:
                continue
            process.kill()
            process.join()
            del running[job]
            path = result_of(options.folder, *job)
            said = summary(json.loads(path.read_text())) if path.exists() else f"ended with {process.exitcode}"
            print(f"{' '.join(job)}: {seconds:.0f} s, {said}", flush=True)
        time.sleep(0.2)


def measure(net, exporter, folder, with_wasm):
    try:
        result_of(folder, net, exporter).unlink(missing_ok=True)
        measure_net(net, folder, [exporter], with_wasm)
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None


def result_of(folder, net, exporter):
    return folder / f"{net}.{exporter}.json"


def summary(found):
    if not found["exports"]:
        return f"not exported: {found['why']}"
    return "; ".join(f"{engine} {describe(found[engine])}" for engine in ("onnx", "wasm") if engine in found)


def describe(found):
    if not found["opens"]:
        return f"REFUSED {found['why']}"
    errors = [
        f"{what} {found[what]:.1e} ({found[what + 'Float32']:.1e})"
        for what in ("output", "cam", "input", "guided")
        if what in found
    ]
    return ", ".join([*errors, found.get("layer", found.get("noLayer", "")), found.get("noValue", "")])


if __name__ == "__main__":
    main()
