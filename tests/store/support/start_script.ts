/** Starts a worker that runs the JavaScript it is given. */
export function startScript(script: string): Worker {
  return new Worker(`data:application/javascript,${encodeURIComponent(script)}`, { type: "module" });
}
