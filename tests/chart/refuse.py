"""Wrong values are refused, with a sentence that helps: each file in refused/ begins with the one it expects."""

import sys

import chart


def main():
    files = sorted((chart.HERE / "refused").glob("*.yaml"))
    wrong = [sentence for file in files for program in chart.helms() for sentence in findings(program, file)]
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    print(f"refusals: {len(files)} wrong sets of values, each with its sentence")
    return 1 if wrong else 0


def findings(program, file):
    expected = [line.removeprefix("# ") for line in file.read_text().splitlines() if line.startswith("# ")]
    ran = chart.helm(program, "template", [file])
    if not ran.returncode:
        yield f"{file.name}: {program} takes it"
    for sentence in expected:
        if sentence not in ran.stderr:
            yield f"{file.name}: {program} says\n{ran.stderr}and not: {sentence}"


if __name__ == "__main__":
    sys.exit(main())
