export const vehicle = { title: '' };
