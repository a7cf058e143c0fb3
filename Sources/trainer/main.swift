internal import ArgumentParser
internal import CMalloc
internal import Glibc

// A reader that leaves early must not end a training run; writes report it instead.
signal(SIGPIPE, SIG_IGN)
// Some parents start programs with signals blocked; Ctrl-C and SIGTERM must work all the same.
var noSignals = sigset_t()
sigemptyset(&noSignals)
sigprocmask(SIG_SETMASK, &noSignals, nil)
// Training makes and drops large arrays for minutes; what is dropped is not to add up.
return_large_blocks()

TrainerCommand.main()
