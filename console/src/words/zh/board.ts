export const board = { title: '' } as const;
