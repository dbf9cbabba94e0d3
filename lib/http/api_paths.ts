import { Refusal } from "../protocol/codes.ts";
import type { ApiRoute } from "./api_route.ts";
import { answerRefusal } from "./problem.ts";

/** A route, and what stands in the address where the route has its parameter, still percent-encoded. */
export interface Found {
  readonly route: ApiRoute;
  readonly target: string;
}

/** The routes of one path, by method. */
interface Place {
  readonly segments: readonly string[];
  readonly routes: Map<string, ApiRoute>;
}

/** Finds the route that an address and a method mean. */
export class ApiPaths {
  readonly #places: readonly Place[];

  constructor(routes: readonly ApiRoute[]) {
    const places = new Map<string, Place>();
    for (const route of routes) {
      const place = places.get(route.path) ?? { segments: route.path.split("/"), routes: new Map() };
      places.set(route.path, place);
      place.routes.set(route.method, route);
      if (route.method === "GET") place.routes.set("HEAD", route);
    }
    this.#places = [...places.values()];
  }

  /** The route; or the answer that there is none, or none for the method. */
  find(method: string, path: string): Found | Response {
    const segments = path.split("/");
    const place = this.#places.find((place) => matches(place.segments, segments));
    if (place === undefined) {
      return answerRefusal(new Refusal("bad_request", { message: "There is no such route" }), {
        status: 404,
      });
    }
    const route = place.routes.get(method);
    if (route === undefined) {
      const allow = [...place.routes.keys()].join(", ");
      const refusal = new Refusal("bad_request", { message: `The method must be one of ${allow}` });
      return answerRefusal(refusal, { status: 405, headers: { allow } });
    }
    return { route, target: segments[place.segments.findIndex(isParameter)] ?? "" };
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.length === segments.length &&
    pattern.every((part, i) => isParameter(part) || part === segments[i]);
}

function isParameter(segment: string): boolean {
  return segment.startsWith("{");
}
