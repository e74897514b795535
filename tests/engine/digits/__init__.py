"""A small real model of handwritten digits: trained on what scikit-learn ships, exported to ONNX, quantized, served."""
