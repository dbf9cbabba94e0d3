/** What becomes of a commit: it is done; done, but the answer is lost; done before the next one; or not done. */
export type Fate = "done" | "unheard" | "late" | "lost";

/** A database that can be made to fail. */
export class FaultyKv {
  /** Decides on every commit, in order; all that come later are done. */
  readonly fates: Fate[] = [];
  /** How many commits were asked for. */
  commits = 0;
  /** The most checks that one commit had. */
  mostChecks = 0;
  /** Comes before every commit. */
  before: () => Promise<void> = () => Promise.resolve();
  /** Whether nothing can be read or written. */
  isDown = false;
  /** Whether keys can be watched. */
  canWatch = true;
  readonly kv: Deno.Kv;
  #late: () => Promise<unknown> = () => Promise.resolve();

  constructor(kv: Deno.Kv) {
    this.kv = new Proxy(kv, {
      get: (target, name) => {
        const isCall = name === "get" || name === "getMany" || name === "list";
        if (isCall && this.isDown || name === "watch" && !this.canWatch) {
          return () => {
            throw new TypeError("the connection broke");
          };
        }
        if (name === "atomic") return () => this.#atomic(target.atomic());
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #atomic(atomic: Deno.AtomicOperation): Deno.AtomicOperation {
    const check = atomic.check.bind(atomic);
    let checks = 0;
    atomic.check = (...entries) => {
      checks += entries.length;
      this.mostChecks = Math.max(this.mostChecks, checks);
      return check(...entries);
    };
    const commit = atomic.commit.bind(atomic);
    atomic.commit = async () => {
      this.commits++;
      const fate = this.fates.shift() ?? "done";
      await this.before();
      await this.#late();
      this.#late = fate === "late" ? commit : () => Promise.resolve();
      if (this.isDown || fate === "lost" || fate === "late") throw new TypeError("the connection broke");
      const result = await commit();
      if (fate === "unheard") throw new TypeError("the connection broke");
      return result;
    };
    return atomic;
  }
}
