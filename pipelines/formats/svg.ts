/**
 * SVG pictures to strokes: each subpath of a path, line, polyline, polygon, rectangle, circle or ellipse is one, in the order
 * in which they are drawn. Curves become points, transforms are applied. Browser safe.
 *
 * Format: https://www.w3.org/TR/SVG11/. Nothing outside the file is read, and entities of the file's own are not known: XML is
 * read by saxes, paths and transforms by svgpath.
 *
 * @module
 */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import svgpath from "svgpath";
import { Reject } from "../base/errors.ts";

/** One point after another of a stroke, in the picture's own units, y down. */
export type SvgStroke = [xs: number[], ys: number[]];

/** a, b, c, d, e, f of x' = a x + c y + e, y' = b x + d y + f. */
type Matrix = readonly [number, number, number, number, number, number];

/** A place. */
type Point = readonly [x: number, y: number];

/** A piece of a stroke: a straight line to its only point, or a Bézier curve with two control points and an end. */
type Piece = readonly Point[];

/** A curve is no further from its points than the picture's size over this: a twentieth of a unit of a grid of 256. */
const FINENESS = 5120;
/** Coordinates are below it. */
const LIMIT = 2 ** 40;
/** Points of a picture: many times what a drawing can have. */
const MAX_POINTS = 2 ** 20;
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** Elements that draw nothing where they stand. */
const UNDRAWN = [
  ...["defs", "symbol", "clippath", "mask", "marker", "pattern", "lineargradient", "radialgradient", "filter"],
  ...["metadata", "title", "desc", "style", "script"],
];
/** Elements that draw what is no stroke, or what stands elsewhere. */
const REFUSED = ["text", "image", "use", "foreignobject", "switch"];

/** A number of an attribute; in pixels or without a unit. */
function lengthOf(tag: SaxesTagPlain, name: string, otherwise = 0): number {
  const text = tag.attributes[name]?.trim();
  if (text === undefined || text === "") return otherwise;
  const [, digits] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:px)?$/i.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Reject("bad SVG", `${name} of <${tag.name}> is ${JSON.stringify(text.slice(0, 40))}, expected a number`);
}

/** Every shape as the data of a path. */
const SHAPES: Readonly<Record<string, (tag: SaxesTagPlain) => string>> = {
  path: ({ attributes }) => attributes.d?.trim() ?? "",
  line(tag) {
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => lengthOf(tag, name));
    return `M${x1} ${y1}L${x2} ${y2}`;
  },
  polyline: pointsOf,
  polygon(tag) {
    const points = pointsOf(tag);
    return points === "" ? "" : `${points}Z`;
  },
  rect(tag) {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => lengthOf(tag, name));
    if (!(width > 0 && height > 0)) return "";
    const rx = Math.min(lengthOf(tag, "rx", lengthOf(tag, "ry")), width / 2);
    const ry = Math.min(lengthOf(tag, "ry", lengthOf(tag, "rx")), height / 2);
    if (!(rx > 0 && ry > 0)) return `M${x} ${y}h${width}v${height}h${-width}Z`;
    const [across, down] = [width - 2 * rx, height - 2 * ry];
    const arc = (toX: number, toY: number) => `a${rx} ${ry} 0 0 1 ${toX} ${toY}`;
    return `M${x + rx} ${y}h${across}${arc(rx, ry)}v${down}${arc(-rx, ry)}h${-across}${arc(-rx, -ry)}v${-down}${
      arc(rx, -ry)
    }Z`;
  },
  circle: (tag) => ellipse(tag, lengthOf(tag, "r"), lengthOf(tag, "r")),
  ellipse: (tag) => ellipse(tag, lengthOf(tag, "rx"), lengthOf(tag, "ry")),
};

function pointsOf({ attributes }: SaxesTagPlain): string {
  const points = attributes.points?.trim() ?? "";
  return points === "" ? "" : `M${points}`;
}

function ellipse(tag: SaxesTagPlain, rx: number, ry: number): string {
  if (!(rx > 0 && ry > 0)) return "";
  const [cx, cy] = [lengthOf(tag, "cx"), lengthOf(tag, "cy")];
  return `M${cx + rx} ${cy}a${rx} ${ry} 0 0 1 ${-2 * rx} 0a${rx} ${ry} 0 0 1 ${2 * rx} 0Z`;
}

/** What is known of an open element. */
interface Open {
  readonly matrix: Matrix;
  readonly isDrawn: boolean;
  /** Of one that is drawn: whether it is visible, which is inherited. */
  readonly isSeen: boolean;
  readonly isSheet: boolean;
}

/** What a style sheet says of where shapes stand; attributes that say it are read. */
const MOVING = /(^|[;{\s])(transform|translate|rotate|scale|offset-path)\s*:/i;
const TURNING = /(^|[;{\s])transform-(origin|box)\s*:/i;
const HIDING = /(^|[;{\s])(display\s*:\s*none|visibility\s*:)/i;

/**
 * Reads a picture.
 *
 * @param text The file.
 * @returns Its strokes, one or more, each `[xs, ys]` of one point or more, in any units: `simplifyRaw` brings them to the grid.
 * @throws {Reject} `bad XML`, `bad SVG`, `not SVG`, `empty drawing`, `too long`; or `unsupported SVG` where something is drawn
 * that is no stroke, such as text.
 *
 * @example
 * ```ts
 * import { readSvg } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const svg = '<svg><g transform="translate(10 0) scale(2)"><path d="M0 0h3v4z"/></g><line x2="5" y2="6"/></svg>';
 * assertEquals(readSvg(svg), [[[10, 16, 16, 10], [0, 0, 8, 0]], [[0, 5], [0, 6]]]);
 * ```
 */
export function readSvg(text: string): SvgStroke[] {
  const strokes: Piece[][] = [];
  const open: Open[] = [];
  const parser = new SaxesParser();
  parser.on("error", ({ message }) => {
    throw new Reject("bad XML", message);
  });
  parser.on("opentag", (tag) => {
    const name = tag.name.replace(/^.*:/, "").toLowerCase();
    if (open.length === 0 && name !== "svg") {
      throw new Reject("not SVG", `the file's root is <${tag.name.slice(0, 40)}>`);
    }
    const outer = open.at(-1) ?? { matrix: IDENTITY, isDrawn: true, isSeen: true, isSheet: false };
    const isDrawn = outer.isDrawn && !UNDRAWN.includes(name) && propertyOf(tag, "display") !== "none";
    const visibility = propertyOf(tag, "visibility") ?? "";
    const isSeen = visibility === "visible" || outer.isSeen && !["hidden", "collapse"].includes(visibility);
    const own = isDrawn ? matrixOf(tag) : IDENTITY;
    const matrix = own === IDENTITY ? outer.matrix : product(outer.matrix, own);
    if (isDrawn) {
      if (REFUSED.includes(name) && isSeen) throw new Reject("unsupported SVG", `<${tag.name}> is no stroke`);
      if (MOVING.test(tag.attributes.style ?? "")) {
        throw new Reject("unsupported SVG", `<${tag.name}> is moved by its style, expected an attribute transform`);
      }
      const hasOrigin = "transform-origin" in tag.attributes || TURNING.test(tag.attributes.style ?? "");
      if (hasOrigin && own !== IDENTITY) {
        throw new Reject("unsupported SVG", `<${tag.name}> has a transform-origin, expected it within its transform`);
      }
      if (name === "svg" && open.length > 0) throw new Reject("unsupported SVG", "an <svg> inside of another");
      const pieces = isSeen && Object.hasOwn(SHAPES, name) ? piecesOf(SHAPES[name](tag), matrix, tag.name) : [];
      for (const stroke of pieces) if (stroke.length > 1) strokes.push(stroke); // a move alone draws nothing
    }
    open.push({ matrix, isDrawn, isSeen, isSheet: name === "style" });
  });
  const checkSheet = (content: string): void => {
    if (!open.at(-1)?.isSheet || ![MOVING, TURNING, HIDING].some((said) => said.test(content))) return;
    throw new Reject(
      "unsupported SVG",
      "<style> moves or hides what is drawn, expected attributes transform and display",
    );
  };
  parser.on("text", checkSheet);
  parser.on("cdata", checkSheet);
  parser.on("closetag", () => void open.pop());
  parser.write(text).close();
  if (strokes.length === 0) {
    throw new Reject("empty drawing", "no path, line, polyline, polygon, rect, circle or ellipse");
  }
  return flatten(strokes);
}

/** What an element says of a property: its style, or else its attribute of that name. */
function propertyOf({ attributes }: SaxesTagPlain, name: string): string | undefined {
  const said = [...(attributes.style ?? "").matchAll(new RegExp(`(?:^|;)\\s*${name}\\s*:([^;!]*)`, "gi"))].at(-1);
  return (said?.[1] ?? attributes[name])?.trim().toLowerCase();
}

/** Functions of a transform, as SVG knows them. */
const TRANSFORM = /^\s*(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([-+.,\deE\s]*\)[\s,]*)*$/;

function matrixOf(tag: SaxesTagPlain): Matrix {
  const transform = tag.attributes.transform;
  if (transform === undefined || transform.trim() === "") return IDENTITY;
  if (!TRANSFORM.test(transform)) {
    throw new Reject("bad SVG", `transform of <${tag.name}> is ${JSON.stringify(transform.slice(0, 40))}`);
  }
  const places: Point[] = [];
  svgpath("M0 0L1 0L0 1").transform(transform).iterate(([_, x, y]) => void places.push([Number(x), Number(y)]));
  const [[e, f], [x1, y1], [x2, y2]] = places;
  return [x1 - e, y1 - f, x2 - e, y2 - f, e, f];
}

function product([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** The subpaths of a path, as lines and curves in the picture's units. */
function piecesOf(data: string, [a, b, c, d, e, f]: Matrix, name: string): Piece[][] {
  if (data === "" || data === "none") return [];
  const path = svgpath(data);
  const { err } = path as unknown as { readonly err: string };
  if (err) throw new Reject("bad SVG", `<${name}>: ${err.replace(/^SvgPath: /, "").slice(0, 100)}`);
  const at = (x: number, y: number): Point => [a * x + c * y + e, b * x + d * y + f];
  const strokes: Piece[][] = [];
  let stroke: Piece[] | undefined;
  let start: Point = [0, 0]; // of the subpath, before the transform
  path.abs().unarc().unshort().iterate(([command, ...numbers], _index, x, y) => {
    const [x1, y1, x2, y2, x3, y3] = numbers as number[];
    if (command === "M") {
      start = [x1, y1];
      strokes.push(stroke = [[at(x1, y1)]]);
      return;
    }
    if (stroke === undefined) strokes.push(stroke = [[at(...start)]]); // after Z a new one begins where the last one did
    if (command === "L") stroke.push([at(x1, y1)]);
    else if (command === "H") stroke.push([at(x1, y)]);
    else if (command === "V") stroke.push([at(x, x1)]);
    else if (command === "C") stroke.push([at(x1, y1), at(x2, y2), at(x3, y3)]);
    else if (command === "Q") {
      const third = (from: number, control: number) => from + 2 * (control - from) / 3; // as a cubic curve
      stroke.push([at(third(x, x1), third(y, y1)), at(third(x2, x1), third(y2, y1)), at(x2, y2)]);
    } else {
      stroke.push([at(...start)]); // Z
      stroke = undefined;
    }
  });
  return strokes;
}

/** Points along the pieces of strokes: curves get as many as keep within the tolerance. */
function flatten(strokes: readonly Piece[][]): SvgStroke[] {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of strokes.flat(2)) {
    if (!(Math.abs(x) < LIMIT && Math.abs(y) < LIMIT)) {
      throw new Reject("bad SVG", `a point is at ${x}, ${y}, expected numbers below 2^40`);
    }
    [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
  }
  const tolerance = Math.max(maxX - minX, maxY - minY) / FINENESS;
  let points = 0;
  return strokes.map((pieces) => {
    const [xs, ys]: SvgStroke = [[], []];
    let from: Point = pieces[0][0];
    for (const piece of pieces) {
      const end = piece[piece.length - 1];
      if (piece.length === 1) {
        xs.push(end[0]);
        ys.push(end[1]);
      } else addCurve([from, ...piece], tolerance, [xs, ys]);
      from = end;
    }
    points += xs.length;
    if (points > MAX_POINTS) throw new Reject("too long", `more than ${MAX_POINTS} points`);
    return [xs, ys];
  });
}

/** Adds the points of a cubic Bézier curve after its first: chords of n equal parts are off by its second derivative / 8 n². */
function addCurve([p0, p1, p2, p3]: Piece, tolerance: number, [xs, ys]: SvgStroke): void {
  const bend = (a: Point, b: Point, c: Point) => Math.hypot(a[0] - 2 * b[0] + c[0], a[1] - 2 * b[1] + c[1]);
  const second = 6 * Math.max(bend(p0, p1, p2), bend(p1, p2, p3));
  const parts = tolerance > 0 ? Math.max(1, Math.ceil(Math.sqrt(second / 8 / tolerance))) : 1;
  for (let i = 1; i < parts; i++) {
    const t = i / parts;
    const [u, v] = [[(1 - t) ** 3, 3 * t * (1 - t) ** 2], [3 * t * t * (1 - t), t ** 3]];
    xs.push(u[0] * p0[0] + u[1] * p1[0] + v[0] * p2[0] + v[1] * p3[0]);
    ys.push(u[0] * p0[1] + u[1] * p1[1] + v[0] * p2[1] + v[1] * p3[1]);
  }
  xs.push(p3[0]);
  ys.push(p3[1]);
}
