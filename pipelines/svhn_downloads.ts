/**
 * Where the Street View House Numbers are kept, and what the files are: sizes and hashes as many programs that read them
 * check. Browser safe.
 *
 * @module
 */
import type { DatasetDownloads } from "./dataset.ts";

/** The address that the authors publish; it is http, and the hashes say whether what comes is what was meant. */
const FOLDER = "http://ufldl.stanford.edu/housenumbers/";

const FILES = [
  {
    name: "train_32x32.mat",
    bytes: 182_040_794,
    md5: "e26dedcc434d2e4c54c9b2d4a06d8373",
    sha256: "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
  },
  {
    name: "test_32x32.mat",
    bytes: 64_275_384,
    md5: "eb5a983be6a315427106f1b164d9cef3",
    sha256: "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
  },
  {
    name: "extra_32x32.mat",
    bytes: 1_329_278_602,
    md5: "a93ce644f1a588dc4d68dda5feec44a7",
    sha256: "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3",
  },
];

/** Train and test; with the form `extra` the 531,131 easier training pictures too. */
export const SVHN_DOWNLOADS: DatasetDownloads = {
  forms: ["mat", "extra"],
  readable: ["mat", "extra"],
  options: [],
  list: (_, form) =>
    FILES.slice(0, form === "extra" ? 3 : 2).map((file) => ({ ...file, mirrors: [FOLDER + file.name] })),
};
