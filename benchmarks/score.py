"""Print how fast headlines are scored on this machine by this program and by others, side by side in one run.

    python benchmarks/score.py [FILE --text-column title] [--rows 5000] [--threads 1] [--model packaged]

Text in, probabilities out, tokenising included, loading not. Without FILE (Parquet) the packaged sample's headlines are
scored with other numbers in each. Systems take turns in rounds over equal parts of the rows, so that what else the
machine does hits all alike; a rate is the median of the rounds. Differences are to transformers in float32, one
batch size and one padding at a time. ONNX Runtime and OpenVINO run where they are installed (`pip install optimum[onnxruntime]
optimum-intel[openvino]`).
"""
