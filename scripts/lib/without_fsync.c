// Preloaded, this makes a program believe that its data is on the disk when it is not. The
// power-cut test must then find what was lost; if it does not, it finds nothing.
int fsync(int descriptor) { return descriptor < 0 ? -1 : 0; }
int fdatasync(int descriptor) { return descriptor < 0 ? -1 : 0; }
