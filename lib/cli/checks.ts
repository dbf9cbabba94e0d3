/** What came of a check: one sentence, and whether it is as it should be. */
export interface Finding {
  readonly state: "ok" | "warning" | "failure";
  readonly text: string;
}

/** Looks at one thing; a promise, where there is one, rejects with a sentence if it is in no state to be used. */
export type Check = () => Finding | Promise<Finding>;

/** As it should be. */
export function ok(text: string): Finding {
  return { state: "ok", text };
}

/** Works, but not for long, or not for everybody. */
export function warning(text: string): Finding {
  return { state: "warning", text };
}

/** Keeps the server from starting, or from working. */
export function failure(text: string): Finding {
  return { state: "failure", text };
}
