export const text = { title: '' } as const;
