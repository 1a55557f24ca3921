"""Options of the commands that answer images with a package."""

import argparse
from pathlib import Path


def add_package_and_images(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--package", type=Path, required=True, help="folder or .zip file")
    parser.add_argument("--images", type=Path, required=True, help="folder of images, any size")
    parser.add_argument("--onnx", type=Path, help="keep the exported network here")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, torch-cpu (%(default)s)")
