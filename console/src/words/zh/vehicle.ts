export const vehicle = { title: '' } as const;
