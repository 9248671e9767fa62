# resource: limits are read and set, infinity is -1, usage has names.
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
print(resource.getrlimit(resource.RLIMIT_CORE)[0], resource.RLIM_INFINITY)  # expect: 0 -1
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000, resource.getpagesize() % 4096)  # expect: True 0
resource.getrlimit(999)  # raises ValueError: invalid resource specified
resource.getrusage(-99)  # raises ValueError: invalid who parameter
resource.setrlimit(resource.RLIMIT_CORE, (1,))  # raises ValueError: expected a tuple of 2 integers
