// A fresh key for one write, also where the page is not served over TLS and `crypto.randomUUID` is missing.

export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
