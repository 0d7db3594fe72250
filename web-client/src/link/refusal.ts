/** Refusal is a command the server, or the lack of one, refused. */
export class Refusal extends Error {
  constructor(
    /** Stable code: the server's, or "socket.lost" and "link.timeout" of this page. */
    readonly code: string,
    readonly args: Record<string, string | number> = {},
  ) {
    super(code);
    this.name = 'Refusal';
  }
}
