import type { Role } from "./standing.ts";

/** All roles, in the order in which members are listed. */
export const ROLES: readonly Role[] = ["owner", "admin", "member"];
