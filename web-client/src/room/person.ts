import type { ContactView } from '../wire';

/** person is somebody to call: the name, then the number as it is dialled. */
export function person({ name, phone }: ContactView): string {
  return [name, phone].filter(Boolean).join(', ');
}
