/**
 * Where MNIST's four files are kept, and what they are: sizes and hashes as published. Browser safe.
 *
 * @module
 */
import type { DatasetDownloads } from "./dataset.ts";

const MIRRORS = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

const FILES = [
  {
    name: "train-images-idx3-ubyte.gz",
    bytes: 9_912_422,
    md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  },
  {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 28_881,
    md5: "d53e105ee54ea40749a09fcbcd1e9432",
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  },
  {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 1_648_877,
    md5: "9fb629c4189551a2d022fa330f9573f3",
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  },
  {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 4_542,
    md5: "ec29112dd5afa0611ce80d1b7f02629c",
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  },
];

/** The four files, the same from either mirror. */
export const MNIST_DOWNLOADS: DatasetDownloads = {
  forms: ["idx"],
  readable: ["idx"],
  options: [],
  list: () => FILES.map((file) => ({ ...file, mirrors: MIRRORS.map((mirror) => mirror + file.name) })),
};
