/** An address as it may be shown: what may be a user and a password is hidden, also where it is written wrongly. */
export function withoutPassword(address: string): string {
  return address.replace(/(:\/\/).*@/s, "$1hidden@");
}
