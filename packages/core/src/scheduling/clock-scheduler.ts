// Placeholder replaced in the next commit.
export {};
