/**
 * The experiments behind README's figures, one line each: `deno task accept` makes all whose files are named.
 *
 * @module
 */
import type { Experiment, ExperimentData } from "./experiment.ts";
import { CNN_EMBEDDED } from "./experiments/cnn_embedded.ts";
import { CNN_LSTM_REAL } from "./experiments/cnn_lstm_real.ts";
import { CNN_LSTM_VIEWS } from "./experiments/cnn_lstm_views.ts";
import { CNN_MNIST } from "./experiments/cnn_mnist.ts";
import { CNN_REAL } from "./experiments/cnn_real.ts";
import { DRAW_ON_MNIST } from "./experiments/draw_mnist.ts";
import { DRAW_STOCHASTIC } from "./experiments/draw_mnist_stochastic.ts";
import { MNIST_LSTM_PIXELS } from "./experiments/mnist_lstm_pixels.ts";
import { MNIST_LSTM_ROWS } from "./experiments/mnist_lstm_rows.ts";
import { QUICKSTART } from "./experiments/quickstart.ts";
import { QUICKSTART_ON_REAL, REAL_EIGHTEEN } from "./experiments/quickstart_on_real.ts";

/** An experiment of README's, and which files it needs: none, Quick, Draw!'s or MNIST's. */
export interface Acceptance {
  /** What is done, and what must come out of it. */
  readonly experiment: Experiment;
  /** The option that names them; missing where the embedded ones do. */
  readonly files?: "source" | "mnist";
  /**
   * Other data of the same classes, prepared from those files, that the model is judged on instead; it is trained on the
   * embedded examples then.
   */
  readonly judgedOn?: ExperimentData;
}

/** Every experiment of README's. */
export const ACCEPTANCES: readonly Acceptance[] = [
  { experiment: QUICKSTART },
  { experiment: QUICKSTART_ON_REAL, files: "source", judgedOn: REAL_EIGHTEEN },
  { experiment: CNN_EMBEDDED },
  { experiment: CNN_LSTM_REAL, files: "source" },
  { experiment: CNN_LSTM_VIEWS, files: "source" },
  { experiment: CNN_REAL, files: "source" },
  { experiment: MNIST_LSTM_ROWS, files: "mnist" },
  { experiment: MNIST_LSTM_PIXELS, files: "mnist" },
  { experiment: CNN_MNIST, files: "mnist" },
  { experiment: DRAW_ON_MNIST, files: "mnist" },
  { experiment: DRAW_STOCHASTIC, files: "mnist" },
];
