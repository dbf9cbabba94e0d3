/** Without this the runtime ends the process, or the worker, on the first error that nobody caught. */
export function catchSurprises(surprised: (stage: string, error: unknown) => void): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    surprised("rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    surprised("error", event.error);
  });
}
