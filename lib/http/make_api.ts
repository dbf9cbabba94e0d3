import type { TokenVerifier } from "../auth/token_verifier.ts";
import type { Cluster } from "../chat/cluster.ts";
import type { Chat } from "../connection/dispatch.ts";
import type { RateLimits } from "../connection/rate_limits.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import { Api, type ApiOptions, type ApiSurroundings } from "./api.ts";
import { ApiAccess, type ApiAccessOptions } from "./api_access.ts";
import { ApiPeople } from "./api_people.ts";
import { ApiPublish, type ApiPublishOptions } from "./api_publish.ts";
import { ApiRead } from "./api_read.ts";
import { makeApiRoutes } from "./api_routes.ts";
import { Documents } from "./documents.ts";
import { GUEST_ROUTE, OPEN_ROUTES } from "./open_routes.ts";

/** What the API works with. */
export interface ApiParts extends ApiSurroundings {
  readonly store: Store;
  readonly chat: Chat;
  readonly cluster: Cluster;
  readonly verifier: TokenVerifier;
  readonly rates: RateLimits;
  readonly log: Log;
  readonly version: string;
  readonly options: ApiOptions & ApiAccessOptions & ApiPublishOptions & { readonly guests: boolean };
}

/** Puts the API together, with the documents that describe it. */
export function makeApi(parts: ApiParts): { api: Api; documents: Documents } {
  const { store, chat, cluster, verifier, rates, log, version, options } = parts;
  const { rooms, posting, directory, history, searching, people } = chat;
  const routes = makeApiRoutes({
    publish: new ApiPublish(store, rooms, posting, options),
    read: new ApiRead(directory, history, searching),
    people: new ApiPeople(rooms, people, cluster, log),
  });
  const access = new ApiAccess(verifier, rates, options);
  const described = [...routes, ...OPEN_ROUTES, ...options.guests ? [GUEST_ROUTE] : []];
  return { api: new Api(routes, access, options, parts), documents: new Documents(described, version) };
}
