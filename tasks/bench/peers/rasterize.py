"""Drawings a second, on one core, from ndjson lines to the 8 cumulative bitmaps [8, 64, 64] that strokewise packs.

Usage: rasterize.py FILE.ndjson. Lines one pixel wide are drawn on 256 x 256 cells, stroke after stroke, and each state
is max-pooled by 4 x 4; once with each library that is installed. Prints a JSON line each: {"library", "rate"}.
"""
import json
import sys
import time

import numpy

FRAMES, SIDE, POOL = 8, 256, 4


def pooled(canvas):
    """u8 [256, 256] to [64, 64]."""
    cells = SIDE // POOL
    return canvas.reshape(cells, POOL, cells, POOL).max(axis=(1, 3))


def with_pillow():
    from PIL import Image, ImageDraw

    def draw(drawing):
        frames = numpy.zeros((FRAMES, SIDE // POOL, SIDE // POOL), numpy.uint8)
        image = Image.new("L", (SIDE, SIDE))
        pen = ImageDraw.Draw(image)
        for i, (xs, ys) in enumerate(drawing[:FRAMES]):
            pen.line([*zip(xs, ys)], fill=1)
            frames[i] = pooled(numpy.asarray(image))
        return frames

    return draw


def with_opencv():
    import cv2

    cv2.setNumThreads(1)

    def draw(drawing):
        frames = numpy.zeros((FRAMES, SIDE // POOL, SIDE // POOL), numpy.uint8)
        canvas = numpy.zeros((SIDE, SIDE), numpy.uint8)
        for i, (xs, ys) in enumerate(drawing[:FRAMES]):
            cv2.polylines(canvas, [numpy.array([xs, ys], numpy.int32).T.reshape(-1, 1, 2)], False, 1)
            frames[i] = pooled(canvas)
        return frames

    return draw


def with_cairo():
    import cairo

    def draw(drawing):
        frames = numpy.zeros((FRAMES, SIDE // POOL, SIDE // POOL), numpy.uint8)
        surface = cairo.ImageSurface(cairo.FORMAT_A8, SIDE, SIDE)
        context = cairo.Context(surface)
        context.set_line_width(1)
        cells = numpy.frombuffer(surface.get_data(), numpy.uint8).reshape(SIDE, -1)[:, :SIDE]
        for i, (xs, ys) in enumerate(drawing[:FRAMES]):
            for x, y in zip(xs, ys):
                context.line_to(x, y)
            context.stroke()
            surface.flush()
            frames[i] = pooled(cells)
        return frames

    return draw


def main():
    with open(sys.argv[1]) as file:
        lines = file.readlines()
    for library, make in (("Pillow", with_pillow), ("OpenCV", with_opencv), ("cairo", with_cairo)):
        try:
            draw = make()
        except ImportError:
            continue
        began = time.perf_counter()
        for line in lines:
            draw(json.loads(line)["drawing"])
        print(json.dumps({"library": library, "rate": len(lines) / (time.perf_counter() - began)}), flush=True)


if __name__ == "__main__":
    main()
