// The operator's interface over HTTP. A page opened by a link uses the link's
// token; else the browser's session cookie says who it is.
import { lang } from '../i18n/i18n';

/** Refused is an answer that says no, in both languages. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly vi: string,
    readonly en: string,
  ) {
    super(code);
  }
}

/** Api sends requests. */
export class Api {
  constructor(private readonly token: string) {}

  /** get asks for something. */
  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** send asks for an act; a string or a file is sent as it is, anything else as JSON. */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** file gets an answer that is not JSON. */
  async file(path: string): Promise<Blob> {
    return (await this.fetch('GET', path)).blob();
  }

  private async fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const text = body === undefined || typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(`/api/v1/${path}`, { method, headers, body: text ?? null, credentials: 'same-origin' });
    } catch {
      throw new Refused(
        'socket.lost',
        'Chưa liên lạc được với máy chủ. Thử lại sau giây lát.',
        'The server cannot be reached. Try again in a moment.',
      );
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; vi?: string; en?: string };
    const status = `HTTP ${response.status}`;
    throw new Refused(problem.code ?? 'server.failed', problem.vi ?? status, problem.en ?? status);
  }
}

/** sentenceOf puts whatever went wrong into one sentence. */
export function sentenceOf(err: unknown): string {
  if (err instanceof Refused) return lang.value === 'vi' ? err.vi : err.en;
  return String(err);
}
