"""What the image says of itself: promises.py INSPECTED CARGO_TOML CHART_YAML"""

import json
import re
import sys

inspected, cargo, chart = (open(path, encoding="utf-8").read() for path in sys.argv[1:4])
config = json.loads(inspected)["OCIv1"]["config"]
package = dict(re.findall(r'^(\w+) = "(.*)"$', cargo.split("[[bin]]")[0], re.MULTILINE))
labels = {f"org.opencontainers.image.{label}": package[key]
          for label, key in (("title", "name"), ("description", "description"), ("licenses", "license"), ("version", "version"))}
promised = {
    "User": "65532:65532", "Entrypoint": ["/composure"], "Cmd": ["serve"],
    "ExposedPorts": {"50051": {}, "9090": {}},
}
wrong = [f"{key} is {config.get(key)}, not {value}" for key, value in promised.items()
         if config.get(key) not in (value, {f"{port}/tcp": {} for port in value} if key == "ExposedPorts" else value)]
wrong += [f"the label {key} is {config['Labels'].get(key)!r}, not {value!r}" for key, value in labels.items() if config["Labels"].get(key) != value]
if f'appVersion: "{package["version"]}"' not in chart:
    wrong.append(f"the chart's appVersion is not {package['version']}")
for sentence in wrong:
    print(f"error: {sentence}", file=sys.stderr)
sys.exit(1 if wrong else 0)
