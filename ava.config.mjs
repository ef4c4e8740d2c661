export default {
  files: ['packages/*/dist/**/*.test.js', 'test/*/dist/**/*.test.js', 'test/{system,contract}/*.test.mjs'],
  workerThreads: false, // onoff (epoll 4) ends the process when it is loaded in a worker thread
  concurrency: 2,
  timeout: '2m',
};
