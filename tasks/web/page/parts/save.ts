/// <reference lib="dom" />
/**
 * Files that the page gives away.
 *
 * @module
 */

/** Has the browser save a file, as its own settings say where. */
export function saveFile(content: Blob | string, name: string, type = "application/octet-stream"): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}

/** A canvas as a PNG file. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  const { promise, resolve, reject } = Promise.withResolvers<Blob>();
  canvas.toBlob((blob) => blob ? resolve(blob) : reject(new Error("The browser could not make a picture of it.")));
  return promise;
}
