/** A folder of its own for a test, gone with it. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param dir Where it is made, if not where temporary files go */
  static async make(dir?: string): Promise<TemporaryFolder> {
    return new TemporaryFolder(await Deno.makeTempDir({ dir }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
