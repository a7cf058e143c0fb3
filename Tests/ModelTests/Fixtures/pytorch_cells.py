"""Makes pytorch_cells.json: outputs of PyTorch's recurrent layers on fixed weights and inputs.

An implementation that shares nothing with ours. Needs the package torch; run it in this folder:
python3 pytorch_cells.py
"""

import json

import torch

INPUT, HIDDEN, STEPS = 5, 7, 6


def values(tensor):
    # Nine digits read back to the same float32.
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def case(name, kind):
    layer = kind(INPUT, HIDDEN, bidirectional=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-0.8, 0.8)
        x = torch.randn(STEPS, 1, INPUT)
        states, _ = layer(x)
    directions = []
    for suffix in ("", "_reverse"):
        directions.append({
            "weight_ih": values(getattr(layer, f"weight_ih_l0{suffix}")),
            "weight_hh": values(getattr(layer, f"weight_hh_l0{suffix}")),
            "bias_ih": values(getattr(layer, f"bias_ih_l0{suffix}")),
            "bias_hh": values(getattr(layer, f"bias_hh_l0{suffix}")),
        })
    return {
        "cell": name,
        "x": values(x),
        "directions": directions,
        # (steps × 2·hidden): forward states, then backward states, by time.
        "states": values(states),
    }


torch.manual_seed(20)
cases = [case("elman", torch.nn.RNN), case("gru", torch.nn.GRU), case("lstm", torch.nn.LSTM)]
with open("pytorch_cells.json", "w") as file:
    json.dump({"input": INPUT, "hidden": HIDDEN, "steps": STEPS, "cases": cases}, file,
              separators=(",", ":"))
    file.write("\n")
