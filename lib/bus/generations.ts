import { RecentMap } from "../kit/recent_map.ts";

/** Nodes whose generations are remembered: far more than ever run at once. */
const MAX_NODES = 1_000;

/** Knows of other nodes how often they lost something of what they published. */
export class Generations {
  readonly #known = new RecentMap<string, number>(MAX_NODES);

  /** Looks at the generation of something a node has published: whether it is the node's last one, and takes it for that. */
  compare(nodeId: string, generation: number): "old" | "same" | "new" {
    const known = this.#known.get(nodeId) ?? 0;
    if (generation === known) return "same";
    // What is no number is older than everything.
    if (!(generation > known)) return "old";
    this.#known.set(nodeId, generation);
    return "new";
  }
}
