export const board = { title: '' };
