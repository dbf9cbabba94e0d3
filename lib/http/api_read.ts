import type { z } from "zod";
import type { Directory } from "../chat/directory.ts";
import type { History } from "../chat/history.ts";
import type { Searching } from "../chat/searching.ts";
import type { QUERIES } from "../protocol/api.ts";
import { Refusal } from "../protocol/codes.ts";
import { encodePage } from "../protocol/encode.ts";
import type { ApiAnswer, ApiCall } from "./api_route.ts";

/** Reads rooms for programs and for people: to each what they may see. */
export class ApiRead {
  readonly #directory: Directory;
  readonly #history: History;
  readonly #searching: Searching;

  constructor(directory: Directory, history: History, searching: Searching) {
    this.#directory = directory;
    this.#history = history;
    this.#searching = searching;
  }

  /** `GET /api/rooms/<roomId>/messages` */
  async history(
    { caller, target: roomId, query }: ApiCall<z.infer<typeof QUERIES.history>, unknown>,
  ): Promise<ApiAnswer | Refusal> {
    const refusal = await this.#directory.checkMember(caller.user, roomId);
    if (refusal !== undefined) return refusal;
    const { history, ...page } = await this.#history.page(roomId, query);
    return { status: 200, body: encodePage({ roomId, ...page }, history) };
  }

  /** `GET /api/rooms` */
  async rooms({ caller }: ApiCall<unknown, unknown>): Promise<ApiAnswer> {
    return { status: 200, body: { rooms: await this.#directory.rooms(caller.user) } };
  }

  /** `GET /api/rooms/<roomId>/members` */
  async members({ caller, target: roomId }: ApiCall<unknown, unknown>): Promise<ApiAnswer | Refusal> {
    const found = await this.#directory.members(caller.user, roomId);
    return found instanceof Refusal ? found : { status: 200, body: { roomId, ...found } };
  }

  /** `GET /api/search` */
  async search(
    { caller, query }: ApiCall<z.infer<typeof QUERIES.search>, unknown>,
  ): Promise<ApiAnswer | Refusal> {
    const { q, roomId, before, limit } = query;
    const page = await this.#searching.search(caller.user, { query: q, roomId, before, limit });
    return page instanceof Refusal ? page : { status: 200, body: page };
  }
}
