export const text = { title: '' };
