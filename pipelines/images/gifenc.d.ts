/** What is used of gifenc, which has no types of its own. */
declare const gifenc: {
  GIFEncoder(): {
    writeFrame(
      data: Uint8Array,
      width: number,
      height: number,
      options: {
        readonly palette?: readonly (readonly [number, number, number])[];
        readonly delay: number;
        readonly repeat?: number;
        readonly transparent?: boolean;
        readonly transparentIndex?: number;
        readonly dispose?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  };
  /** At most so many colours for pixels in red, green, blue and alpha. */
  quantize(rgba: Uint8Array, maxColours: number): [number, number, number][];
  /** The entry of the palette that is nearest to each pixel. */
  applyPalette(rgba: Uint8Array, palette: readonly (readonly [number, number, number])[]): Uint8Array;
};
export default gifenc;
