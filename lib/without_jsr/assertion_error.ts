/** What a failed assertion throws. */
export class AssertionError extends Error {
  /** Takes the text to show, and a `cause` where there is one. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}
