/** SVG against what its commands mean: literal points, circles by their radius, curves by their formula. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Reject } from "../../../pipelines/base/errors.ts";
import { simplifyRaw } from "../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { readSvg } from "../../../pipelines/formats/svg.ts";
import { isSvg } from "../../../pipelines/formats/svg_head.ts";

const inSvg = (body: string) => `<svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`;

for (
  const [what, body, strokes] of [
    ["lines, absolute and relative", '<path d="M1 2L3 4l1-1H9h-2V0v5"/>', [[[1, 3, 4, 9, 7, 7, 7], [
      2,
      4,
      3,
      3,
      3,
      0,
      5,
    ]]]],
    ["subpaths, and what follows Z", '<path d="m1,1 2,0 0,2z l5 5M0 9L1 9"/>', [
      [[1, 3, 3, 1], [1, 1, 3, 1]],
      [[1, 6], [1, 6]],
      [[0, 1], [9, 9]],
    ]],
    ["shapes", '<line x1="1" y2="2"/><polyline points="0,0 1,1 2 0"/><polygon points="0 0 4 0 4 4"/>', [
      [[1, 0], [0, 2]],
      [[0, 1, 2], [0, 1, 0]],
      [[0, 4, 4, 0], [0, 0, 4, 0]],
    ]],
    ["a rectangle", '<rect x="1" y="2" width="3" height="4px"/>', [[[1, 4, 4, 1, 1], [2, 2, 6, 6, 2]]]],
    [
      "transforms, the inner first",
      '<g transform="translate(10 20)"><g transform="scale(2,3) translate(1)"><path d="M0 0L1 1"/></g></g>',
      [
        [[12, 14], [20, 23]],
      ],
    ],
    [
      "what is not drawn",
      '<defs><path d="M0 0L1 1"/></defs><g style="display: none"><path d="M0 0L9 9"/></g><path d="M5 5"/><path/><line x2="1"/>',
      [
        [[0, 1], [0, 0]],
      ],
    ],
    [
      "what is hidden in other words, and what is seen in a group that is not",
      '<g style="display:none!important"><path d="M0 0L9 9"/></g><path visibility="collapse" d="M0 0L8 8"/>' +
      '<g visibility="hidden"><text/><path d="M0 0L7 7"/><path style="visibility: visible" d="M0 0L2 3"/></g>' +
      '<path display="none" style="display:inline" d="M0 0L4 5"/>',
      [
        [[0, 2], [0, 3]],
        [[0, 4], [0, 5]],
      ],
    ],
  ] as [string, string, number[][][]][]
) {
  Deno.test(`svg: ${what}`, () => assertEquals(readSvg(inSvg(body)), strokes as ReturnType<typeof readSvg>));
}

Deno.test("svg: a circle's points are at its radius, an arc is the way that its flags say", () => {
  const [[xs, ys]] = readSvg(inSvg('<circle cx="50" cy="50" r="40"/>'));
  assert(xs.length > 60);
  for (let i = 0; i < xs.length; i++) assertAlmostEquals(Math.hypot(xs[i] - 50, ys[i] - 50), 40, 0.02);
  // From (0, 0) to (10, 0) on a circle of radius 5, clockwise on a screen: over the top, y negative.
  const [[, above], [, below]] = readSvg(inSvg('<path d="M0 0A5 5 0 0 1 10 0M0 0A5 5 0 0 0 10 0"/>'));
  assertAlmostEquals(Math.min(...above), -5, 0.01);
  assertAlmostEquals(Math.max(...below), 5, 0.01);
});

Deno.test("svg: curves and their smooth followers are within a twentieth of a grid unit of their formula", () => {
  const [[xs, ys]] = readSvg(inSvg('<path d="M0 0Q50 100 100 0T200 0"/>'));
  // x = 100 t and y = 200 t (1 - t), so y = 2 x (1 - x / 100), then the same upside down.
  const curve = (x: number) => x <= 100 ? 2 * x * (1 - x / 100) : -2 * (x - 100) * (2 - x / 100);
  for (let i = 0; i < xs.length; i++) {
    assertAlmostEquals(ys[i], curve(xs[i]), 1e-9);
    if (i > 0) assertAlmostEquals((ys[i] + ys[i - 1]) / 2, curve((xs[i] + xs[i - 1]) / 2), 200 / 5120);
  }
  const [[cx, cy], [sx, sy]] = readSvg(inSvg('<path d="M0 0C0 1 1 1 1 0S2-1 2 0M0 0C0 1 1 1 1 0C1-1 2-1 2 0"/>'));
  assertEquals([sx, sy], [cx, cy]);
});

Deno.test("svg: a rotation by 90 degrees makes x of y", () => {
  const [[xs, ys]] = readSvg(inSvg('<path transform="rotate(90)" d="M1 0L2 3"/>'));
  for (const [found, expected] of [[xs, [0, -3]], [ys, [1, 2]]]) {
    found.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-12));
  }
});

Deno.test("svg: fitted, a picture is on the grid", () => {
  const [[xs, ys]] = simplifyRaw(readSvg(inSvg('<path d="M-1e3 0h2000v1e3"/>')));
  assertEquals([xs, ys], [[0, 255, 255], [0, 0, 128]]);
});

const LAUGHS = `<!DOCTYPE svg [<!ENTITY a "lol">${
  Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${`&a${i === 0 ? "" : i - 1};`.repeat(10)}">`).join("")
}]>`;
for (
  const [what, text, reason, detail] of [
    ["a billion laughs", `${LAUGHS}<svg><path d="&a8;"/></svg>`, "bad XML", "undefined entity"],
    [
      "another file's content",
      '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><g id="&x;"/></svg>',
      "bad XML",
      "entity",
    ],
    ["an open tag", "<svg><g>", "bad XML", "unclosed tag"],
    ["a page", "<html/>", "not SVG", "root is <html>"],
    ["nothing drawn", "<svg/>", "empty drawing", "no path"],
    ["a broken path", inSvg('<path d="M0 0L1 x"/>'), "bad SVG", "<path>"],
    ["a path without a beginning", inSvg('<path d="L1 1"/>'), "bad SVG", "<path>"],
    ["a huge number", inSvg('<path d="M0 0L1e400 1"/>'), "bad SVG", "Infinity"],
    ["a number beyond 2^40", inSvg('<path d="M0 0L2e12 1"/>'), "bad SVG", "2^40"],
    ["a transform in words", inSvg('<g transform="skew(1)"/>'), "bad SVG", 'transform of <g> is "skew(1)"'],
    ["a percentage", inSvg('<rect width="50%" height="2"/>'), "bad SVG", 'width of <rect> is "50%"'],
    ["text", inSvg('<text>a</text><path d="M0 0L1 1"/>'), "unsupported SVG", "<text>"],
    [
      "a style that moves",
      inSvg('<path style="fill:none;transform:rotate(9deg)" d="M0 0L1 1"/>'),
      "unsupported SVG",
      "style",
    ],
    [
      "a sheet that moves",
      inSvg('<style>.a{transform: scale(2)}</style><path d="M0 0L1 1"/>'),
      "unsupported SVG",
      "style",
    ],
    [
      "a sheet that hides",
      inSvg('<style><![CDATA[.a { display:none }]]></style><path d="M0 0L1 1"/>'),
      "unsupported SVG",
      "<style>",
    ],
    [
      "a turn about another place",
      inSvg('<g transform="rotate(9)" transform-origin="5 0"/>'),
      "unsupported SVG",
      "-origin",
    ],
    [
      "a long transform that is none in the end",
      inSvg(`<g transform="${"rotate(1) ".repeat(60)}rotate(45deg)"/>`),
      "bad SVG",
      "transform of <g>",
    ],
    ["a copy", inSvg('<use href="#a"/>'), "unsupported SVG", "<use>"],
  ]
) {
  Deno.test(`svg: ${what} is refused`, () => {
    const error = assertThrows(() => readSvg(text), Reject);
    assertEquals([error.reason, error.detail.includes(detail) || error.detail], [reason, true]);
  });
}

Deno.test("svg: paths of many subpaths, deep groups: no stack, no square of the length", () => {
  assertEquals(readSvg(inSvg(`<path d="${"M0 0h1".repeat(150_000)}"/>`)).length, 150_000);
  const depth = 20_000;
  const deep = `${'<g transform="translate(1)">'.repeat(depth)}<path d="M0 0h1"/>${"</g>".repeat(depth)}`;
  assertEquals(readSvg(inSvg(deep)), [[[depth, depth + 1], [0, 0]]]);
});

Deno.test("svg: a file is known by its root", () => {
  const head = '<?xml version="1.0"?>\n<!-- <html> -->\n<!DOCTYPE svg PUBLIC "a" "b" [<!ENTITY x ">">]>';
  assertEquals([`${head}<svg:svg>`, "<svg>", "<html><svg>", "<!--", "svg"].map(isSvg), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
