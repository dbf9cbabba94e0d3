/** Starts a worker that runs the JavaScript it is given. */
export function startScript(script: string): Worker {
  return new Worker(`data:application/javascript,${encodeURIComponent(script)}`, { type: "module" });
}

/** Starts a worker that does nothing, for a store that does not search. */
export function startIdle(): Worker {
  return startScript("onmessage = () => postMessage({ done: true });");
}
