# The text of -c loses the white space that all its lines begin with.
import subprocess, sys
def run(text): print(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True).stdout.split())
run("""
    if True:
        print(1)

    print('''
    x''')
""")  # expect: ['1', 'x']
run("  print(1)\n  print(2)")  # expect: ['1', '2']
