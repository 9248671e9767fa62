# next() of one itertools.count in many threads: every number once, also when they are no small ints.
import itertools, threading

def numbers(counter, each=3000, threads=4):
    seen = [[] for _ in range(threads)]
    start = threading.Barrier(threads)
    def run(mine):
        start.wait()
        for _ in range(each): mine.append(next(counter))
    running = [threading.Thread(target=run, args=(mine,)) for mine in seen]
    for thread in running: thread.start()
    for thread in running: thread.join()
    return sorted(number for mine in seen for number in mine)

print(numbers(itertools.count()) == list(range(12000)))                          # expect: True
print(numbers(itertools.count(7, 5)) == list(range(7, 60007, 5)))                # expect: True
big = 1 << 80
print(numbers(itertools.count(big)) == list(range(big, big + 12000)))            # expect: True
print(numbers(itertools.count(0.5, 0.5)) == [n / 2 for n in range(1, 12001)])    # expect: True
