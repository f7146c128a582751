"""What runs behind bars, beside a student's code. It knows no test and no answer.

Nothing here is to be trusted once a student's cell has run: whatever it says, the grader believes
no more than what it sees in the conversation.
"""
