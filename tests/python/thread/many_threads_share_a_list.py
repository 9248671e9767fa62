# Appends of several threads are all there, and a lock makes an increment whole.
import threading

items = []
counter = 0
lock = threading.Lock()
def work(number):
    global counter
    for index in range(500):
        items.append((number, index))
        with lock:
            counter += 1

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(items), len(set(items)), counter)  # expect: 2000 2000 2000
